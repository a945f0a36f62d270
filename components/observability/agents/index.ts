export { LogShipper, type LogShipperArgs, type ShipperKind } from "./shipper";
