import pytest
from factor_probe import FactorProbe


@pytest.fixture
def probe(programs):
    made = FactorProbe(programs)
    yield made
    made.stop()
