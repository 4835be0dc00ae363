{{ onec_contacts('partners') }}
