"""Who may do what: tenants, environments, staff and their sessions, API keys, roles, sign-in.

Glossary: a **tenant** is one company that uses the desk; an **environment** is its production or its sandbox, and every
customer belongs to exactly one; a **staff member** signs in to the desk and has one role; an **API key** belongs to one
environment and has one scope. Knows nothing of customers.
"""
