"""What plain traffic says about the assumptions of the contract."""
