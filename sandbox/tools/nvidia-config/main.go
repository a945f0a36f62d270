// Reads a configuration of NVIDIA's device plugin as the plugin itself does, and prints what becomes of it as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	spec "github.com/NVIDIA/k8s-device-plugin/api/config/v1"
	"github.com/urfave/cli/v2"
)

func main() {
	flags := []cli.Flag{&cli.StringFlag{Name: "config-file"}}
	app := &cli.App{
		Flags: flags,
		Action: func(c *cli.Context) error {
			config, err := spec.NewConfig(c, flags)
			if err != nil {
				return err
			}

			spec.DisableResourceNamingInConfig(config)

			return json.NewEncoder(os.Stdout).Encode(map[string]any{
				"strategy":  config.Sharing.SharingStrategy(),
				"resources": config.Sharing.ReplicatedResources(),
				"flags":     config.Flags,
				"version":   config.Version,
			})
		},
	}

	if err := app.Run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
