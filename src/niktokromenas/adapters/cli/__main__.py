"""`python -m niktokromenas.adapters.cli`"""

from niktokromenas.adapters.cli.main import main

main()
