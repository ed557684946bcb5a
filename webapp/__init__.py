"""Customer Desk: a service that keeps customer records, for people in a browser and for programs over JSON."""

from webapp.app import create_app
from webapp.settings import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "create_app"]
