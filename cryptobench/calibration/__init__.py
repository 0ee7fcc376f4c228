"""How often each test is wrong: false alarms on sound ciphers, and planted defects that it does not detect."""

from cryptobench.calibration.errors import CalibrationError

__all__ = ["CalibrationError"]
