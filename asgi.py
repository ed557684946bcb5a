"""The entry point of the production server: the application of ``wsgi`` behind the asynchronous front."""

from webapp.front import Front
from webapp.front_metrics import init_front_metrics
from wsgi import app as application

app = Front.of(application, application.extensions["customer_desk_settings"])
init_front_metrics(app, application)
