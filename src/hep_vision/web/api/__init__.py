"""The interface for programs: the documents of the command line, over HTTP."""
