"""The OpenAPI document of the API, built from the declarations that the rules are made of, and the page that shows it.

It refuses to know how a request is answered.
"""
