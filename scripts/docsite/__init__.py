"""The documentation site: pages written by hand, pages made from the contract and the code, built by Zensical."""
