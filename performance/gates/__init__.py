"""Why a move of this app may not happen now."""
