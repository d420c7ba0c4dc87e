/** How many choices a form or filter shows at once. If there are more, it searches on the server. */
export const MOST_CHOICES = 20;
