from urllib.parse import quote

import pytest

from ingestion.sources.onec_odata.metadata import MetadataError, parse_metadata, parse_service_document

EDMX = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">
 <edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="3.0">
  <Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" Namespace="StandardODATA">
   <EntityType Name="Document_Продажа" OpenType="true">
    <Key><PropertyRef Name="Ref_Key"/></Key>
    <Property Name="Ref_Key" Type="Edm.Guid" Nullable="false"/>
    <Property Name="DataVersion" Type="Edm.String"/>
    <Property Name="Контрагент_Key" Type="Edm.Guid"/>
    <Property Name="Основание" Type="Edm.String"/>
    <Property Name="Основание_Type" Type="Edm.String"/>
    <Property Name="Товары" Type="Collection(StandardODATA.Document_Продажа_Товары_RowType)"/>
    <NavigationProperty Name="Контрагент" Relationship="x"/>
   </EntityType>
   <EntityType Name="Catalog_Ненужное"><Property Name="Ref_Key" Type="Edm.Guid"/></EntityType>
   <EnumType Name="AllowedLength"><Member Name="Fixed"/></EnumType>
   <EnumType Name="AllowedLength"><Member Name="Fixed"/></EnumType>
   <ComplexType Name="AccumulationRegister_Долги_Balance"><Property Name="СуммаBalance" Type="Edm.Double"/></ComplexType>
   <EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">
    <EntitySet Name="Document_Продажа" EntityType="StandardODATA.Document_Продажа"/>
    <EntitySet Name="Catalog_Ненужное" EntityType="StandardODATA.Catalog_Ненужное"/>
   </EntityContainer>
  </Schema>
 </edmx:DataServices>
</edmx:Edmx>""".encode()

WANTED = {"Document_Продажа", "AccumulationRegister_Долги_Balance"}


def test_wanted_types_are_kept_with_their_properties_and_keys() -> None:
    schema = parse_metadata(EDMX, WANTED)
    sale = schema.type("Document_Продажа")
    assert sale is not None
    assert sale.key == ("Ref_Key",)
    assert set(sale.properties or ()) == {"Ref_Key", "DataVersion", "Контрагент_Key", "Основание", "Основание_Type", "Товары"}
    assert schema.published == {"Document_Продажа", "Catalog_Ненужное"}
    assert schema.type("AccumulationRegister_Долги_Balance") is not None


def test_a_logical_field_is_found_as_reference_or_as_composite() -> None:
    sale = parse_metadata(EDMX, WANTED).type("Document_Продажа")
    assert sale is not None
    assert sale.find("Контрагент") == "Контрагент_Key"
    assert sale.find("Основание") == "Основание"
    assert sale.find("Менеджер") is None
    assert sale.declared("Ref_Key", "Posted", "DataVersion") == ["Ref_Key", "DataVersion"]


def test_an_unwanted_type_is_known_by_name_only() -> None:
    other = parse_metadata(EDMX, WANTED).type("Catalog_Ненужное")
    assert other is not None
    assert other.properties is None


def test_an_unpublished_type_is_unknown() -> None:
    assert parse_metadata(EDMX, WANTED).type("Document_Иное") is None


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><Edmx/>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Edmx/>',
        EDMX[: len(EDMX) // 2],
        b"<html><body>busy</body></html>",
        b"",
    ],
)
def test_anything_but_a_whole_plain_edmx_is_refused(content: bytes) -> None:
    with pytest.raises(MetadataError):
        parse_metadata(content, WANTED)


def test_service_documents_in_both_forms() -> None:
    json = '\ufeff{"odata.metadata":"m","value":[{"name":"Catalog_Валюты","url":"Catalog_Валюты"}]}'.encode()
    atom = '<service xmlns="http://www.w3.org/2007/app"><workspace><collection href="Catalog_Валюты"/></workspace></service>'.encode()
    encoded = atom.replace("Валюты".encode(), quote("Валюты").encode())
    for body in (json, atom, encoded):
        schema = parse_service_document(body)
        assert schema.published == {"Catalog_Валюты"}
        assert not schema.described
        found = schema.type("Catalog_Валюты")
        assert found is not None
        assert found.has("Anything")


def test_a_register_is_known_by_its_flat_rows() -> None:
    schema = parse_service_document(b'{"value":[{"name":"AccumulationRegister_Sales_RecordType"}]}')
    assert schema.type("AccumulationRegister_Sales") is not None
    assert schema.type("AccumulationRegister_Stock") is None


@pytest.mark.parametrize("body", [b"", b"{broken", b"<html/>", b"<service"])
def test_a_service_document_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(MetadataError):
        parse_service_document(body)
