"""What the answers of the interface for programs hold, field by field, for its description.

The documents themselves are made in `hep_vision.exports`, the same that the command line prints; a
test holds the two together. The line below a field is what `/openapi.json` says of it.
"""
