"""What texts and status callbacks change. Both are stored first, under the provider's own key, and acted on after."""
