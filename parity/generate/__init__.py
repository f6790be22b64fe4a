"""Where cases come from: what an author declares (grammar), and the four origins that a run asks for (cases)."""
