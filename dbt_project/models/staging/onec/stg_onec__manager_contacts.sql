{{ onec_contacts('managers') }}
