"""Is every test right: false alarms on ideal ciphers, detections on planted defects."""

from cryptobench.calibration.errors import CalibrationError

__all__ = ["CalibrationError"]
