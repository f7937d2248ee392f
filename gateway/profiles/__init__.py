"""Deployments as declarations, one folder per province.

`gateway init` copies one of them. Nothing here is code.
"""
