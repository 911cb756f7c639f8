// What a stranger does first with the generated client, against a mock: MAVIBOT_BASE_URL names the address with the key.
import assert from "node:assert/strict";
import { client } from "./client/client.gen";
import { callback, createOrder, getHistory, getOrderVars, getVariables, message, saveVariables } from "./client/sdk.gen";

client.setConfig({ baseUrl: process.env["MAVIBOT_BASE_URL"]! });
const client_id = 25554;

const sent = await message({ body: { client_id, message: "from TypeScript" } });
assert.equal(sent.data, "ok");

const started = await callback({ body: { client_id, message: "order_paid", amount: 4900, "client.city": "Paris" } });
assert.equal(started.data, "ok");

const saved = await saveVariables({ body: { client_id, variables: { "client.language": "TypeScript" } } });
assert.equal(saved.data, "ok");
const variables = await getVariables({ query: { client_id } });
assert.equal(variables.data?.["language"], "TypeScript");
assert.equal(variables.data?.["city"], "Paris");

const history = await getHistory({ query: { client_id, limit: 20 } });
assert.ok(history.data?.result?.some((each) => each.text === "from TypeScript"));

const refused = await message({ body: { client_id: 1, message: "nobody" } });
assert.equal(refused.response?.status, 404);
assert.equal(refused.error?.status, "client_not_found");

const deal = await createOrder({ body: { client_id, name: "Order 17", budget: "4900" } });
const order_id: number | undefined = deal.data?.order_id;
assert.ok(order_id);
const found = await getOrderVars({ body: { client_id, order_id } });
assert.equal(found.data?.status, "success");

// @ts-expect-error - a parameter that the action does not have
void ((): unknown => message({ body: { client_id, mesage: "typo" } }));
console.log("TypeScript speaks");
