"""The local pages of patient and therapist, and the JSON interface behind them."""
