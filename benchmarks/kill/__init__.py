"""Kill a batch again and again, and see that nothing is lost or done twice."""
