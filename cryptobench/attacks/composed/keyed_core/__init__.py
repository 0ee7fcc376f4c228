"""The attack `keyed_core`: a keyed part between two public linear maps, which keys of one's own show."""
