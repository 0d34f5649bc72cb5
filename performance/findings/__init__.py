"""What about a report needs a word before it goes out: all codes of the contract, by general checks."""
