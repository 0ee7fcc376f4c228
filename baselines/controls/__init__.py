"""Controls: ciphers with one planted defect each, which an analysis or an attack must find."""
