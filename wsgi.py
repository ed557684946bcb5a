"""The WSGI entry point: ``app``, built from the environment; a bad setting ends the start with one clear message."""

from webapp import Settings, SettingsError, create_app

try:
    app = create_app(Settings.from_environment())
except SettingsError as error:
    raise SystemExit(str(error)) from None
