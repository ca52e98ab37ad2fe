"""Names and phones as strangers may see them (domain.md, rule 10): 张*明, 138****0001."""


def mask_name(name: str) -> str:
    """First and last character kept, one star between; a two-character name keeps the first."""
    name = name.strip()
    if len(name) <= 1:
        return "*" if name else ""
    return name[0] + "*" + (name[-1] if len(name) > 2 else "")


def mask_phone(phone: str) -> str:
    """First three and last four digits kept; anything shorter than eight is hidden whole."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 8 else "****"
