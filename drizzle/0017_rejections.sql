ALTER TABLE "refusals_hourly" RENAME TO "rejections_hourly";--> statement-breakpoint
ALTER TABLE "rejections_hourly" RENAME COLUMN "refusals" TO "rejections";--> statement-breakpoint
ALTER TABLE "rejections_hourly" RENAME CONSTRAINT "refusals_hourly_group" TO "rejections_hourly_group";--> statement-breakpoint
ALTER INDEX "refusals_hourly_organization" RENAME TO "rejections_hourly_organization";
