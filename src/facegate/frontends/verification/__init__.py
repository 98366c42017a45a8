"""The verification door: one form, seven outcomes, as attendance back ends speak it."""
