"""What tests share: the seeded world and the clients that check every answer."""
