"""The formats and languages of pages, their templates, and the sentences made of messages.

Read `formats` first: a folder of templates/ is a format, a file of templates/messages a language. Knows files
and Jinja; knows no block of a document.
"""
