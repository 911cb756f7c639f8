"""The pages that the mock shows in a browser: the reference of the actions and of the control interface."""
