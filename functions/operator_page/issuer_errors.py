"""Why a sign-in does not come about; apart from what calls the issuer, which only a sign-in imports."""


class IssuerError(Exception):
    """The issuer can't be reached, or does not answer as it should."""


class SignInError(Exception):
    """The issuer's answer is not what a sign-in is made of."""
