import { Option } from "@commander-js/extra-typings";
import { Delivery, Webhook, WebhookWithSecret } from "#lib/cli/api/answers";
import { segment } from "#lib/cli/api/client";
import { collected, secondsValue } from "#lib/cli/options/values";
import { day, minute } from "#lib/cli/output/format";
import { print, show } from "#lib/cli/output/show";
import { showSecret } from "#lib/cli/output/show-secret";
import type { InputOf } from "#lib/services/verb";
import type { createWebhook } from "#lib/services/webhooks/create-webhook";
import type { rotateWebhook } from "#lib/services/webhooks/rotate-webhook";
import { addCommand } from "./commands/add-command";
import { actionWith, remove, update } from "./commands/change";
import { createWithSecret } from "./commands/create";
import { list, listWithin } from "./commands/list";
import { get } from "./commands/read";
import { enabledField } from "./enabled";
import { fieldsOf } from "./field";
import { byIdOrName, type Lookup, organizationLookup } from "./lookups";
import { organizationFilter } from "./organization-filter";
import { defineResource, type ResourceCommand } from "./resource";

/** By id or URL. */
const webhookLookup: Lookup<Webhook> = byIdOrName({
  path: "/webhooks",
  item: Webhook,
  noun: "webhook",
  command: "webhook",
  isNamed: (row, reference) => row.url === reference,
});

const { field, reference } = fieldsOf<InputOf<typeof createWebhook>>();

const eventsField = field(
  "events",
  new Option("--event <event>", "an event to send, like budget.exhausted; may be repeated").argParser(
    collected,
  ),
);
const formatField = field(
  "format",
  new Option("--format <format>", "standard: signed JSON; slack: a message").choices(["standard", "slack"]),
);
const graceField = fieldsOf<InputOf<typeof rotateWebhook>>().field(
  "grace_seconds",
  new Option(
    "--grace <duration>",
    "how long the old secret signs, too, like 15m or 24h (default: a day)",
  ).argParser(secondsValue),
);

/** `replay`: names a delivery rather than a webhook. */
const replay: ResourceCommand<Webhook> = (group, cli, { path }) =>
  addCommand(group, {
    name: "replay",
    description: "send an event again, under its own id",
    arguments: [{ flags: "<delivery>", description: "a delivery's id, as deliveries shows it" }],
    run: async (_given, id = "") => {
      const answer = await cli.admin().post(`${path}/deliveries/${segment(id)}/replay`, Delivery, {});
      show(cli, answer, ({ event_id: event }) => print(cli, `The event ${event} is sent again.`));
    },
  });

/** `tollgate webhook …` */
export const addWebhooks = defineResource<Webhook>({
  ...webhookLookup,
  alias: "webhooks",
  plural: "webhooks",
  summary: "Webhooks: where events are sent",
  named: "id or URL",
  label: ({ url, id }) => `the webhook to ${url} (${id})`,
  columns: [
    { title: "URL", value: (webhook) => webhook.url, mayShrink: true },
    { title: "ID", value: (webhook) => webhook.id },
    { title: "STATE", value: state },
    { title: "EVENTS", value: (webhook) => webhook.events?.join(", "), mayShrink: true, mayGo: true },
    { title: "ORGANIZATION", value: (webhook) => webhook.organization_id ?? "all", mayGo: true },
    { title: "CREATED", value: (webhook) => day(webhook.created_at), mayGo: true },
  ],
  facts: (webhook) => [
    ["url", webhook.url],
    ["id", webhook.id],
    ["state", state(webhook)],
    ["events", webhook.events?.join(", ")],
    ["format", webhook.format],
    ["organization", webhook.organization_id ?? "all"],
    ["failing since", minute(webhook.failing_since)],
    ["created", minute(webhook.created_at)],
  ],
  commands: [
    createWithSecret({
      description: "create a webhook; prints its secret to stdout once",
      named: "url",
      nameDescription: "its URL",
      fields: [
        eventsField,
        formatField,
        reference(
          "organization_id",
          new Option("--org <org>", "send only events of this organization: name or id"),
          organizationLookup,
        ),
      ],
      examples: [
        "npx tollgate webhook create https://hooks.example.com/tollgate --event budget.exhausted --event key.expiring",
      ],
      item: WebhookWithSecret,
      secret: ({ secret }) => secret,
      title: ({ url, id }) => `The secret of the webhook to ${url} (${id}):`,
    }),
    list({
      filters: [organizationFilter("webhooks")],
      empty: "No webhooks yet. Create one:  npx tollgate webhook create URL --event EVENT",
    }),
    get(),
    update("update a webhook; settings that are not given stay as they are", [
      field("url", new Option("--url-to <url>", "send to this URL")),
      eventsField,
      formatField,
      enabledField("send events again", "send no events"),
    ]),
    actionWith({
      name: "rotate",
      description: "replace a webhook's secret; prints the new one to stdout once",
      fields: [graceField],
      item: WebhookWithSecret,
      print: (cli, { secret, url, previous_secret_expires_at: oldUntil }) => {
        const old = oldUntil
          ? `The old secret signs, too, until ${minute(oldUntil)}.`
          : "The old secret no longer signs.";
        showSecret(cli, secret, `The new secret of the webhook to ${url}. ${old}`);
      },
    }),
    actionWith({
      name: "test",
      description: "send a test event now",
      item: Delivery,
      print: (cli, { http_status: status, latency_ms: latencyMs }) =>
        print(cli, `${status ?? "no answer"} after ${latencyMs ?? 0} ms`),
      problem: ({ error }) => error ?? undefined,
    }),
    listWithin<Webhook, Delivery>({
      name: "deliveries",
      description: "list a webhook's deliveries, newest first",
      list: ({ id }) => ({
        path: `${webhookLookup.path}/${id}/deliveries`,
        item: Delivery,
        columns: [
          { title: "ID", value: (delivery) => delivery.id },
          { title: "EVENT", value: (delivery) => delivery.type },
          { title: "STATUS", value: (delivery) => delivery.status },
          { title: "ATTEMPTS", value: (delivery) => delivery.attempts, align: "right" },
          { title: "LAST ATTEMPT", value: (delivery) => minute(delivery.last_attempt_at), mayGo: true },
          { title: "ERROR", value: (delivery) => delivery.error, mayShrink: true, mayGo: true },
        ],
        empty: "Nothing has been sent to this webhook yet.",
      }),
    }),
    replay,
    remove("delete a webhook; what is on its way is no longer sent"),
  ],
});

function state({ enabled, disabled_reason: reason, failing_since: failing }: Webhook): string {
  if (enabled === false) return reason === "manual" ? "disabled" : `disabled (${reason})`;
  return failing ? "failing" : "enabled";
}
