"""What is measured of trained variants beyond the loss: small passes of their own, one file a kind. Never in a step."""
