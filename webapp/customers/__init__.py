"""Customers: the domain of this service. One word for one thing, the same in URL, form, column and code.

Glossary (contract, preamble): a **customer** is a record about one company or person, found by its **external ID**
(the caller's own identifier) or by its ID; a **metadata entry** is one key and one text; a **parent** is another
customer that it belongs to; an **integration mapping** names it in a provider's system; a **change** is one entry of
its history; a **retired external ID** is one that it had before. Every customer belongs to one **environment** of one
**tenant**.
"""
