"""What happens between an event and the domain, as a batch goes: hand over, record, complete; publish after each."""
