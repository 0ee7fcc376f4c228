"""The attack `state_class`: other attacks, inside the state that the challenge has."""
