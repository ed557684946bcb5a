from tests.support.clients import ApiClient, DeskClient
from tests.support.world import *
def test_probe(world_on_each_database):
    w=world_on_each_database
    api=ApiClient(w.app,w); desk=DeskClient(w.app)
    c=w.create_customer(external_id="a")
    for p in ("/v1/customers/%00","/v1/customers/external/%00","/v1/customers/external/%C2%85", "/v1/customers/%ff"):
        r=api.get(p); print(p, r.status_code, r.get_json()["details"])
    for p in ("/v1/customers/%00","/v1/customers?id=%00","/v1/customers?external_customer_id=%00","/v1/customers?id=%ff"):
        r=api.put(p,{"name":"x"}); print(p, r.status_code, r.get_json()["details"])
    for p in ("/customers/%00","/customers/%00/edit","/customers?after=%00", f"/customers/{c.id}?before=99999999999", f"/customers/{c.id}?before=-1"):
        r=desk.get(p); print(p, r.status)
    r=api.put(f"/v1/customers/{c.id}",{"parent_customer_external_id":"a"}); print(r.status_code, r.get_json()["details"])
    r=api.put(f"/v1/customers/{c.id}",{"name":"y"},headers={"If-Match":'"01"'}); print("01", r.status_code)
    r=api.put(f"/v1/customers/{c.id}",{"metadata":{"a":"1"}, "integration_entity_mapping":[{"provider":"stripe","id":"x"}]},headers={"If-Match":'"2", "7"'}); print("list", r.status_code, r.headers)
    print(api.get(f"/v1/customers/{c.id}?expand=integrations").get_json())
