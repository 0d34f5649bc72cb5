"""信息科、评审科: the expert library, avoidance, the draw, identity verification (from step 7)."""
