"use server";

import { createWebhook } from "#lib/services/webhooks/create-webhook";
import { deleteWebhook } from "#lib/services/webhooks/delete-webhook";
import { replayDelivery } from "#lib/services/webhooks/replay-delivery";
import { rotateWebhook } from "#lib/services/webhooks/rotate-webhook";
import { testWebhook } from "#lib/services/webhooks/test-webhook";
import { updateWebhook } from "#lib/services/webhooks/update-webhook";
import { action } from "../action";

export const createWebhookAction = action(createWebhook, { page: "/webhooks" });
export const updateWebhookAction = action(updateWebhook, { page: "/webhooks" });
export const rotateWebhookAction = action(rotateWebhook, { page: "/webhooks" });
export const testWebhookAction = action(testWebhook, { page: "/webhooks" });
export const replayDeliveryAction = action(replayDelivery, { page: "/webhooks" });
export const deleteWebhookAction = action(deleteWebhook, { page: "/webhooks", refresh: false });
