/** Code that verifies what a webhook posts, by its secret. */
export const webhookSnippet = (secret: string): string => `import { Webhook } from "standardwebhooks";

const event = new Webhook("${secret}").verify(body, headers);`;
