"""What several stages know about text: words, names, wording, edits, key terms."""
