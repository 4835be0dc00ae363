{{ onec_contacts('counterparties') }}
