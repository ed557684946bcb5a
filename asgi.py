"""The entry point of the production server: the application of ``wsgi`` behind the asynchronous front."""

import gc

from webapp.front import Front
from webapp.front_metrics import init_front_metrics
from wsgi import app as application

#: So many more objects are made than given up before garbage is looked for: those of some dozen requests.
GARBAGE_AFTER = 20_000

app = Front.of(application, application.extensions["customer_desk_settings"])
init_front_metrics(app, application)

# What is here by now stays as long as the worker does: looking for garbage in it, after every few requests, finds none.
gc.collect()
gc.freeze()
gc.set_threshold(GARBAGE_AFTER, 20, 50)
