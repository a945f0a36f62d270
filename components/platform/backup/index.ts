export { EtcdBackup } from "./etcd-backup";
export { Velero } from "./velero";
