"""The service document and $metadata (EDMX, OData v3) of a base: only what is published."""

from xml.sax.saxutils import quoteattr

from ingestion.sandbox.onec_base import NAVIGATION, EntitySet, OneCBase, edm_type
from ingestion.sandbox.onec_values import Row

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">'
    '<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="3.0"'
    ' m:MaxDataServiceVersion="3.0"><Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" Namespace="StandardODATA">'
)
# AllowedLength really comes twice.
ENUMS = (
    ("AccountType", ("Active", "ActivePassive", "Passive")),
    ("AccumulationRecordType", ("Expense", "Receipt")),
    ("AllowedLength", ("Fixed", "Variable")),
    ("DateFractions", ("Date", "DateTime", "Time")),
    ("AllowedLength", ("Fixed", "Variable")),
)


def _q(text: str) -> str:
    return quoteattr(text)


def _type(name: str) -> str:
    return quoteattr(f"StandardODATA.{name}")


def _properties(types: dict[str, str], key: tuple[str, ...], owner: str) -> str:
    """Properties; the type of a composite reference stands at the very end, far from its value."""
    late = [name for name in types if name.endswith("_Type") and name[:-5] in types]
    ordered = [name for name in types if name not in late] + late
    found = []
    for name in ordered:
        edm = types[name]
        shown = (
            f"Collection(StandardODATA.{owner}_{'RowType' if name == 'RecordSet' else name + '_RowType'})" if edm == "Collection" else edm
        )
        found.append(f"<Property Name={_q(name)} Type={quoteattr(shown)} Nullable={quoteattr('false' if name in key else 'true')}/>")
    return "".join(found)


def _entity(one: EntitySet, published: frozenset[str]) -> str:
    keys = "".join(f"<PropertyRef Name={_q(name)}/>" for name in one.key)
    links = "".join(
        f"<NavigationProperty Name={_q(name)} Relationship={_type(f'{one.name}_{name}')} FromRole='Begin' ToRole='End'/>"
        for name, target in NAVIGATION.items()
        if f"{name}_Key" in one.types and (target or one.name) in published
    )
    properties = _properties(one.types, one.key, one.name)
    return f"<EntityType Name={_q(one.name)} OpenType='true'><Key>{keys}</Key>{properties}{links}</EntityType>"


def _row_types(one: EntitySet) -> str:
    found = []
    for table, types in one.tables.items():
        name = f"{one.name}_RowType" if table == "RecordSet" else f"{one.name}_{table}_RowType"
        found.append(f"<ComplexType Name={_q(name)}>{_properties(types, ('Ref_Key', 'LineNumber'), one.name)}</ComplexType>")
    return "".join(found)


def _associations(one: EntitySet, published: frozenset[str]) -> str:
    return "".join(
        f"<Association Name={quoteattr(f'{one.name}_{name}')}><End Role='Begin' Type={_type(one.name)} Multiplicity='*'/>"
        f"<End Role='End' Type={_type(target or one.name)} Multiplicity='0..1'/></Association>"
        for name, target in NAVIGATION.items()
        if f"{name}_Key" in one.types and (target or one.name) in published
    )


def _function(name: str, bound: str, returns: str, parameters: tuple[str, ...]) -> str:
    given = "".join(
        f"<Parameter Name={_q(one)} Type={quoteattr('Edm.DateTime' if one == 'Period' else 'Edm.String')}/>" for one in parameters
    )
    return (
        f"<FunctionImport Name={_q(name)} IsBindable='true' IsSideEffecting='false'"
        f" ReturnType={_q(f'Collection(StandardODATA.{returns})')}>"
        f"<Parameter Name='bindingParameter' Type={_type(bound)}/>{given}</FunctionImport>"
    )


def _balance_type(register: str, rows: list[Row]) -> str:
    types = {name: edm_type(name, value) for name, value in rows[0].items()} if rows else {}
    return f"<ComplexType Name={quoteattr(f'{register}_Balance')}>{_properties(types, (), register)}</ComplexType>"


def metadata(base: OneCBase) -> bytes:
    """The EDMX of the base."""
    parts = [HEAD]
    balances = {name: base.balances(name, None) or [] for name in base.registers_with_balance()}
    parts += [_entity(one, base.published) for one in base.sets.values()]
    parts += [_row_types(one) for one in base.sets.values()]
    parts += [_balance_type(name, rows) for name, rows in balances.items()]
    parts += [_associations(one, base.published) for one in base.sets.values()]
    parts += [
        f"<EnumType Name='{name}' UnderlyingType='Edm.Int32'>{''.join(f'<Member Name={_q(one)}/>' for one in members)}</EnumType>"
        for name, members in ENUMS
    ]
    parts.append("<EntityContainer Name='EnterpriseV8' m:IsDefaultEntityContainer='true'>")
    parts += [f"<EntitySet Name={_q(name)} EntityType={_type(name)}/>" for name in base.sets]
    parts += [_function("Balance", name, f"{name}_Balance", ("Condition", "Dimensions", "Period")) for name in balances]
    parts += [_function("SliceLast", name, name, ("Condition", "Period")) for name in base.sets if name.startswith("InformationRegister_")]
    parts.append("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>")
    return "".join(parts).encode()


def service_document(base: OneCBase, root: str) -> Row:
    """The list of published entity sets."""
    return {"odata.metadata": f"{root}/$metadata", "value": [{"name": name, "url": name} for name in base.sets]}


def service_document_xml(base: OneCBase, root: str) -> bytes:
    """The same list as AtomPub, which is what comes without $format=json."""
    sets = "".join(f"<collection href={_q(name)}><atom:title>{name}</atom:title></collection>" for name in base.sets)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"'
        f" xml:base={quoteattr(root + '/')}><workspace><atom:title>Default</atom:title>{sets}</workspace></service>"
    ).encode()
