global using SegOps.Client.Events;
global using SegOps.Client.Queueing;
global using SegOps.Client.Reporting;
global using SegOps.Client.Sending;
