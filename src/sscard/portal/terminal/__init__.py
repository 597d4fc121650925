"""Terminal: the self-service kiosk, full screen, one question a screen. Nothing personal stays on it."""
