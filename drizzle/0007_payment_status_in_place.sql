-- A payment's status changes for many users at midnight. With no index that names it and room on the page,
-- PostgreSQL updates the row in place: 100 000 users in half the time. The index saved
-- nothing, since the sync counts every user with a date.
DROP INDEX "users_payment_due";--> statement-breakpoint
ALTER TABLE users SET (fillfactor = 50);
