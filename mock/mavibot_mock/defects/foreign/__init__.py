"""Defects written from the vendor's document by an author who had not read the rules: what the suite is worth.

The kinds are those of the mistakes that the rules had missed on servers of other makes.
"""
