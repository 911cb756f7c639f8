"""A client library for accessing Mavibot API builder"""
